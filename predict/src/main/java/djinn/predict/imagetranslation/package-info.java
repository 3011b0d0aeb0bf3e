/** Images of one domain to images of another. */
package djinn.predict.imagetranslation;
