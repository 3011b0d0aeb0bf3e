/** Optimizers whose state has names. */
package djinn.training.optimizer;
