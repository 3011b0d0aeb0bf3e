package djinn.training.track;

import java.util.regex.Pattern;

/** A recipe's value as {@code google.protobuf.Value}: a number, a truth value or a text. */
final class ParameterValue {

    private static final Pattern NUMBER = Pattern.compile("[-+]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d+)?");
    private static final int TEXT = 1;
    private static final int TRUTH = 2;
    private static final int REAL = 3;

    private ParameterValue() {}

    /** Returns the type in the words of {@code tensorboard.hparams.DataType}. */
    static int type(String value) {
        if (NUMBER.matcher(value).matches()) {
            return REAL;
        }
        return value.equals("true") || value.equals("false") ? TRUTH : TEXT;
    }

    static Message of(String value) {
        return switch (type(value)) {
            case REAL -> new Message().real(2, Double.parseDouble(value));
            case TRUTH -> new Message().whole(4, value.equals("true") ? 1 : 0);
            default -> new Message().text(3, value);
        };
    }
}
