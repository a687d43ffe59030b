// The same step, fully fused: one pass over the batch, nothing stored in between.
(batch, features, neurons) => {
  if (neurons !== 2) throw Error("written for two neurons");
  const params = features * neurons;
  const W = new Float32Array(params), b = new Float32Array(features);
  const w = new Float64Array(params), dW = new Float64Array(params), db = new Float64Array(features);
  const moments = [W, b].map(p => [new Float32Array(p.length), new Float32Array(p.length)]);
  let t = 0;
  const adam = (p, g, m, v) => {
    const unbias = 1 - 0.9 ** t, unbiasSquare = 1 - 0.999 ** t;
    for (let k = 0; k < p.length; k++) {
      m[k] = 0.9 * m[k] + 0.1 * g[k];
      v[k] = 0.999 * v[k] + 0.001 * g[k] * g[k];
      p[k] -= (1e-3 * m[k]) / unbias / (Math.sqrt(v[k] / unbiasSquare) + 1e-8);
    }
  };
  const step = (x, importance) => {
    w.set(W);
    dW.fill(0);
    db.fill(0);
    let loss = 0;
    for (let s = 0, first = 0; s < batch; s++, first += features) {
      let h0 = 0, h1 = 0, d0 = 0, d1 = 0;
      for (let i = 0; i < features; i++) {
        h0 += x[first + i] * w[2 * i];
        h1 += x[first + i] * w[2 * i + 1];
      }
      for (let i = 0; i < features; i++) {
        const sum = h0 * w[2 * i] + h1 * w[2 * i + 1] + b[i];
        const error = x[first + i] - (sum > 0 ? sum : 0);
        loss += importance[i] * error * error;
        if (sum > 0) {
          const g = (-2 * importance[i] * error) / (batch * features);
          db[i] += g;
          dW[2 * i] += g * h0;
          dW[2 * i + 1] += g * h1;
          d0 += g * w[2 * i];
          d1 += g * w[2 * i + 1];
        }
      }
      for (let i = 0; i < features; i++) {
        dW[2 * i] += d0 * x[first + i];
        dW[2 * i + 1] += d1 * x[first + i];
      }
    }
    t++;
    adam(W, dW, ...moments[0]);
    adam(b, db, ...moments[1]);
    return loss / (batch * features);
  };
  return { W, step };
}
