package djinn.report;

/**
 * A part of a page that could not be made.
 *
 * @param part what it is called
 * @param why in a line, with what to do
 */
public record Missing(String part, String why) {

    static final String EXHIBITS = "what the model does";
    static final String SUMMARY = "the model's layers";
    static final String FILES = "what the run's files say";
    static final String RESULTS = "curves";
    static final String PICTURES = "pictures";
}
