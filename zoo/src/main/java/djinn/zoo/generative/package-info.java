/** Models that make images, and those they learn against. */
package djinn.zoo.generative;
