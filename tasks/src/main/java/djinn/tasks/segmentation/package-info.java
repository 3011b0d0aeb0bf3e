/** A class for every pixel of an image: recipes, training, figures, and the segmenter that comes of it. */
package djinn.tasks.segmentation;
