/** Images to short vectors and back, and new images. */
package djinn.predict.autoencoder;
