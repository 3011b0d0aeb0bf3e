package djinn.data;

/** The arithmetic decoder of VP8 (RFC 6386, section 7), over a part of a file; behind its end there are zeros. */
final class Vp8Bits {

    private static final int EVEN = 128;

    private final byte[] bytes;
    private final int end;
    private int at;
    private int range = 254;
    private long value;
    private int bits = -8;

    Vp8Bits(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.at = start;
        this.end = end;
    }

    /** Whether more was read than there is, by more than the decoder reads ahead. */
    boolean isSpent() {
        return at > end + 2;
    }

    /** One bit, which is 0 with a probability, in 256ths. */
    int bit(int probability) {
        while (bits < 0) {
            value = value << 8 | (at < end ? bytes[at] & 0xFF : 0);
            at++;
            bits += 8;
        }
        int split = (range * probability) >> 8;
        boolean one = (int) (value >> bits) > split;
        int left;
        if (one) {
            left = range - split;
            value -= (long) (split + 1) << bits;
        } else {
            left = split + 1;
        }
        int shift = Integer.numberOfLeadingZeros(left) - 24;
        range = (left << shift) - 1;
        bits -= shift;
        return one ? 1 : 0;
    }

    boolean flag() {
        return bit(EVEN) == 1;
    }

    /** A number, its highest bit first. */
    int number(int count) {
        int number = 0;
        for (int i = 0; i < count; i++) {
            number = number << 1 | bit(EVEN);
        }
        return number;
    }

    /** A number, and a bit for its sign. */
    int signed(int count) {
        int number = number(count);
        return flag() ? -number : number;
    }

    /** A flag, and if it is set a number with a sign; else 0. */
    int optional(int count) {
        return flag() ? signed(count) : 0;
    }
}
