"""What comes out: a folder of tables and feedback, and forms that other systems read."""
