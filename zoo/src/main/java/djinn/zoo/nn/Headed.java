package djinn.zoo.nn;

/**
 * A model that tells where its head is, which some ways of training leave alone: it starts anew for other classes, and
 * layers are counted from it.
 */
public interface Headed {

    /**
     * Returns the name of the last layer.
     *
     * @return as its parameters' names begin, without the dot: {@code fc}, {@code classifier.6}
     */
    String head();
}
