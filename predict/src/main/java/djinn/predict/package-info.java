/** Trained models of every task, asked from code; which task a file is of tells how it answers. No training is in here. */
package djinn.predict;
