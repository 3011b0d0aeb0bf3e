/** One class for one image. */
package djinn.predict.classification;
