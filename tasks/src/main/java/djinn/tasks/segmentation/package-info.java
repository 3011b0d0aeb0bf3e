/** A class for every pixel of an image: recipes, training and figures. */
package djinn.tasks.segmentation;
