"""A printer without hardware: it executes G-code for real, in accelerated time, in a process of its own."""
