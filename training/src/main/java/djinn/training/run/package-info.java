/** A run from recipe to folder, and the listeners that write what the folder holds. */
package djinn.training.run;
