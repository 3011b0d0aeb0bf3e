package djinn.data;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a stored image lies, as Exif counts it: which side of it is the top, and which the left, of what was seen.
 *
 * @param code 1 (as seen) to 8
 */
record Orientation(int code) {

    /** Stored as it was seen, or nothing said of it. */
    static final Orientation AS_SEEN = new Orientation(1);

    private static final int TAG = 0x0112;
    private static final String EXIF = "Exif\0\0";
    private static final Pattern XMP = Pattern.compile("tiff:Orientation(?:=[\"']|>)([1-8])");

    /** What Exif data say, with or without their name before them; damaged ones say nothing. */
    static Optional<Orientation> ofExif(byte[] bytes, int start, int end) {
        int at = start;
        while (end - at > EXIF.length() && new String(bytes, at, EXIF.length(), ISO_8859_1).equals(EXIF)) {
            at += EXIF.length();
        }
        return end - at < 8
                ? Optional.empty()
                : ofDirectory(
                        new TiffDirectory(ByteBuffer.wrap(bytes, at, end - at).slice()));
    }

    /** What a directory of TIFF or Exif data says. */
    static Optional<Orientation> ofDirectory(TiffDirectory directory) {
        return directory
                .values(TAG)
                .filter(values -> values[0] >= 1 && values[0] <= 8)
                .map(values -> new Orientation((int) values[0]));
    }

    /** What XMP says: a text of XML. */
    static Optional<Orientation> ofXmp(byte[] bytes, int start, int end) {
        Matcher matcher = XMP.matcher(new String(bytes, start, end - start, ISO_8859_1));
        return matcher.find() ? Optional.of(new Orientation(Integer.parseInt(matcher.group(1)))) : Optional.empty();
    }

    /** Where the pixels of what was seen come from in a stored image of a size. */
    Geometry geometry(int height, int width) {
        boolean sideways = code >= 5;
        boolean fromBelow = code == 3 || code == 4 || code == 6 || code == 7;
        boolean fromRight = code == 2 || code == 3 || code == 7 || code == 8;
        double down = fromBelow ? -1 : 1;
        double across = fromRight ? -1 : 1;
        double left = fromRight ? width : 0;
        double top = fromBelow ? height : 0;
        return sideways
                ? new Geometry(height, width, width, height, 0, across, left, down, 0, top)
                : new Geometry(height, width, height, width, across, 0, left, 0, down, top);
    }

    /** Turns or mirrors a stored image into what was seen. */
    Pixels upright(Pixels stored) {
        if (code == 1) {
            return stored;
        }
        boolean sideways = code >= 5;
        int height = sideways ? stored.width() : stored.height();
        int width = sideways ? stored.height() : stored.width();
        int channels = stored.channels();
        byte[] from = stored.values();
        byte[] to = new byte[from.length];
        int at = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int row = sideways ? x : y;
                int column = sideways ? y : x;
                if (code == 3 || code == 4 || code == 6 || code == 7) {
                    row = stored.height() - 1 - row;
                }
                if (code == 2 || code == 3 || code == 7 || code == 8) {
                    column = stored.width() - 1 - column;
                }
                System.arraycopy(from, (row * stored.width() + column) * channels, to, at, channels);
                at += channels;
            }
        }
        return new Pixels(height, width, channels, to);
    }
}
