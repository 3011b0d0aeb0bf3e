package djinn.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.Comparator;

/** Names of classes: what looks the same is the same, whether an accent is a letter's own or follows it. */
final class ClassName {

    /** By code points, as Python sorts. */
    static final Comparator<String> ORDER =
            (one, other) -> Arrays.compareUnsigned(one.getBytes(UTF_8), other.getBytes(UTF_8));

    private ClassName() {}

    /** Composes letters and accents (Unicode's form NFC): file systems and programs write either form. */
    static String of(String written) {
        return Normalizer.normalize(written, Normalizer.Form.NFC);
    }
}
