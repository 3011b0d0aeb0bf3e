/** The objects in an image, each with a class, a box and a score. */
package djinn.predict.detection;
