package djinn.data.text;

import java.nio.charset.StandardCharsets;

/** GPT-2's characters for the 256 values of a byte, none of them a blank or a control character (Radford et al. 2019). */
final class ByteAlphabet {

    private static final int BYTES = 256;
    private static final char[] CHARACTERS = characters();

    private ByteAlphabet() {}

    /** Printable ones stand for themselves, the others for those behind them. */
    private static char[] characters() {
        char[] characters = new char[BYTES];
        char next = BYTES;
        for (int value = 0; value < BYTES; value++) {
            boolean isPrintable = (value >= '!' && value <= '~') || (value >= 0xA1 && value != 0xAD);
            characters[value] = isPrintable ? (char) value : next++;
        }
        return characters;
    }

    /** All of them, in the order of characters. */
    static int[] sorted() {
        return new String(CHARACTERS).chars().sorted().toArray();
    }

    /** The bytes of a text's UTF-8, a character each. */
    static String of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        StringBuilder all = new StringBuilder(bytes.length);
        for (byte value : bytes) {
            all.append(CHARACTERS[value & 0xFF]);
        }
        return all.toString();
    }
}
