/** What the tasks of images have in common: keys of recipes, data in two parts, weights to start from. */
package djinn.tasks.images;
