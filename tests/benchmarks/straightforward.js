// A training step of the toy model as one would first write it: one loop per formula,
// intermediate results in arrays.
(batch, features, neurons) => {
  const params = features * neurons;
  const W = new Float32Array(params), b = new Float32Array(features);
  const hidden = new Float32Array(batch * neurons), guess = new Float32Array(batch * features);
  const dGuess = new Float32Array(batch * features), dHidden = new Float32Array(batch * neurons);
  const dW = new Float32Array(params), db = new Float32Array(features);
  const moments = [W, b].map(p => [new Float32Array(p.length), new Float32Array(p.length)]);
  let t = 0;
  const step = (x, importance) => {
    for (let s = 0; s < batch; s++)
      for (let j = 0; j < neurons; j++) {
        let sum = 0;
        for (let i = 0; i < features; i++) sum += x[s * features + i] * W[i * neurons + j];
        hidden[s * neurons + j] = sum;
      }
    for (let s = 0; s < batch; s++)
      for (let i = 0; i < features; i++) {
        let sum = b[i];
        for (let j = 0; j < neurons; j++) sum += hidden[s * neurons + j] * W[i * neurons + j];
        guess[s * features + i] = Math.max(sum, 0);
      }
    let loss = 0;
    for (let k = 0; k < batch * features; k++) {
      const error = x[k] - guess[k], weight = importance[k % features];
      loss += weight * error * error;
      dGuess[k] = guess[k] > 0 ? (-2 * weight * error) / (batch * features) : 0;
    }
    db.fill(0);
    for (let s = 0; s < batch; s++)
      for (let i = 0; i < features; i++) db[i] += dGuess[s * features + i];
    for (let s = 0; s < batch; s++)
      for (let j = 0; j < neurons; j++) {
        let sum = 0;
        for (let i = 0; i < features; i++) sum += dGuess[s * features + i] * W[i * neurons + j];
        dHidden[s * neurons + j] = sum;
      }
    for (let i = 0; i < features; i++)
      for (let j = 0; j < neurons; j++) {
        let sum = 0;
        for (let s = 0; s < batch; s++)
          sum +=
            dGuess[s * features + i] * hidden[s * neurons + j] +
            x[s * features + i] * dHidden[s * neurons + j];
        dW[i * neurons + j] = sum;
      }
    t++;
    [[W, dW], [b, db]].forEach(([p, g], which) => {
      const [m, v] = moments[which];
      for (let k = 0; k < p.length; k++) {
        m[k] = 0.9 * m[k] + 0.1 * g[k];
        v[k] = 0.999 * v[k] + 0.001 * g[k] * g[k];
        p[k] -= (1e-3 * m[k]) / (1 - 0.9 ** t) / (Math.sqrt(v[k] / (1 - 0.999 ** t)) + 1e-8);
      }
    });
    return loss / (batch * features);
  };
  return { W, step };
}
