package djinn.data;

/** Netpbm's bitmaps: PBM, PGM and PPM, in bytes or in digits. Values are scaled so that the largest is 255. */
final class Pnm extends ImageFormat {

    private final int kind;
    private int height;
    private int width;
    private int largest = 1;
    private int at = 2;

    Pnm(byte[] bytes, String file) {
        super(bytes, file);
        kind = bytes[1] - '0';
    }

    @Override
    void check() {
        width = number();
        height = number();
        if (!isBitmap()) {
            largest = number();
        }
        if (width < 1 || height < 1 || largest < 1 || largest > 65_535) {
            throw damaged("a size of " + height + "x" + width + " and a largest value of " + largest, null);
        }
        Decoder.requireSize(height, width, file());
        // one blank ends the header
        at++;
        long row = kind == 4 ? (width + 7) / 8 : (long) width * planes() * (largest > 255 ? 2 : 1);
        if (isBinary() && bytes().length - at < row * height) {
            throw cut("PNM", "end of its pixels");
        }
    }

    private boolean isBitmap() {
        return kind == 1 || kind == 4;
    }

    private boolean isBinary() {
        return kind >= 4;
    }

    private int planes() {
        return kind == 3 || kind == 6 ? 3 : 1;
    }

    @Override
    Pixels stored(int channels) {
        byte[] values = new byte[Math.multiplyExact(Math.multiplyExact(height, width), planes())];
        if (kind == 4) {
            int row = (width + 7) / 8;
            for (int i = 0; i < values.length; i++) {
                int x = i % width;
                boolean ink = (bytes()[at + i / width * row + x / 8] >> (7 - x % 8) & 1) == 1;
                values[i] = (byte) (ink ? 0 : 255);
            }
        } else {
            for (int i = 0; i < values.length; i++) {
                int value = isBinary() ? sample() : kind == 1 ? 1 - digit() : number();
                if (value < 0 || value > largest) {
                    throw damaged("a value of " + value + " where " + largest + " is the largest", null);
                }
                values[i] = (byte) (largest == 255 ? value : Math.round(value * 255.0 / largest));
            }
        }
        return new Pixels(height, width, planes(), values).withChannels(channels);
    }

    private int sample() {
        int value = bytes()[at++] & 0xFF;
        return largest > 255 ? value << 8 | (bytes()[at++] & 0xFF) : value;
    }

    /** Digits of a bitmap may stand without blanks between them. */
    private int digit() {
        skipBlanks();
        if (at >= bytes().length) {
            throw cut("PNM", "end of its pixels");
        }
        return bytes()[at++] - '0';
    }

    private int number() {
        skipBlanks();
        long value = 0;
        int start = at;
        while (at < bytes().length && Character.isDigit(bytes()[at]) && value < Integer.MAX_VALUE / 10) {
            value = 10 * value + bytes()[at++] - '0';
        }
        if (at == start) {
            if (at >= bytes().length) {
                throw cut("PNM", "end of its pixels");
            }
            throw damaged("no number at byte " + at, null);
        }
        return (int) value;
    }

    private void skipBlanks() {
        byte[] bytes = bytes();
        while (at < bytes.length && (Character.isWhitespace(bytes[at]) || bytes[at] == '#')) {
            boolean comment = bytes[at] == '#';
            while (comment && at < bytes.length && bytes[at] != '\n' && bytes[at] != '\r') {
                at++;
            }
            at += at < bytes.length ? 1 : 0;
        }
    }
}
