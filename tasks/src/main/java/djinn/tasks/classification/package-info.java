/** One class for one image. */
package djinn.tasks.classification;
