/** Whole texts: one class for each. */
package djinn.tasks.text;
