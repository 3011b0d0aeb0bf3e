/** Trained models from code: images or arrays in, classes or arrays out, from any number of threads. */
package djinn.inference;
