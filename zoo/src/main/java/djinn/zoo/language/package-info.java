/** Models of text, and what they have in common for training and for going on token by token. */
package djinn.zoo.language;
