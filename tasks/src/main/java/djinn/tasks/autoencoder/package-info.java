/** Images to short vectors and back: autoencoders, and variational ones that make new images. */
package djinn.tasks.autoencoder;
