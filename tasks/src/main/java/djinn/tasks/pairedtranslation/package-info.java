/** Images to the images that belong to them, learned from pairs. */
package djinn.tasks.pairedtranslation;
