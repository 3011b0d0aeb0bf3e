/** Networks that find objects, one file a family, and the pieces they share. */
package djinn.zoo.detection;
