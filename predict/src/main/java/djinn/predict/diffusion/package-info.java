/** Images made by taking noise away, a step at a time. */
package djinn.predict.diffusion;
