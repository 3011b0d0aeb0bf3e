/** A class for every pixel of an image. */
package djinn.predict.segmentation;
