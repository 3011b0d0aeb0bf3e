/** Images of random vectors, by the generator of a GAN. */
package djinn.predict.generative;
