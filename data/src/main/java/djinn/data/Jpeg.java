package djinn.data;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import djinn.ops.DataException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * JPEG files.
 *
 * <p>Their colours are read as libjpeg reads them: three components are luma and chroma where there is a JFIF segment,
 * whatever one of Adobe's says; else Adobe's decides, else the components' names. Java's decoders rank these otherwise,
 * so they get a header that leaves them no choice.
 */
final class Jpeg extends ImageFormat {

    private static final int APP0 = 0xE0;
    private static final int APP1 = 0xE1;
    private static final int APP2 = 0xE2;
    private static final int APP14 = 0xEE;
    private static final int APP15 = 0xEF;
    private static final int START_OF_SCAN = 0xDA;
    private static final int END_OF_IMAGE = 0xD9;
    private static final int UNKNOWN = -1;
    private static final int COLOURS = 3;

    private static final byte[] JFIF = {
        (byte) 0xFF, (byte) APP0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0
    };

    private final List<Segment> segments = new ArrayList<>();
    private final int headerEnd;

    /** A segment by its marker, which lies at, and what it holds, from start to end. */
    private record Segment(int marker, int at, int start, int end) {}

    Jpeg(byte[] bytes, String file) {
        super(bytes, file);
        int at = 2;
        while (true) {
            at = marker(bytes, at);
            if (at + 3 > bytes.length || (bytes[at] & 0xFF) == START_OF_SCAN) {
                break;
            }
            int marker = bytes[at] & 0xFF;
            if (standsAlone(marker)) {
                at++;
                continue;
            }
            int end = Math.min(bytes.length, at + 1 + length(bytes, at + 1));
            segments.add(new Segment(marker, at, at + 3, end));
            at = end;
        }
        headerEnd = Math.min(at, bytes.length);
    }

    /** Where the next marker's second byte is, or the end. */
    private static int marker(byte[] bytes, int from) {
        int at = from;
        while (at < bytes.length && bytes[at] != (byte) 0xFF) {
            at++;
        }
        while (at < bytes.length && bytes[at] == (byte) 0xFF) {
            at++;
        }
        return at;
    }

    private static int length(byte[] bytes, int at) {
        return Math.max(2, (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF));
    }

    /** 00 is a stuffed byte of the compressed data, 01 and D0 to D8 (restarts, start) have no segment. */
    private static boolean standsAlone(int marker) {
        return marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD8);
    }

    /**
     * Walks to the marker FF D9; that of a thumbnail, in a segment, does not count. What follows the marker (padding,
     * further pictures) does not matter.
     */
    @Override
    void check() {
        byte[] bytes = bytes();
        int at = headerEnd;
        // the header ends behind the FF of the scan's marker
        at = at < bytes.length ? at - 1 : at;
        while (true) {
            at = marker(bytes, at);
            if (at >= bytes.length) {
                throw cut("JPEG", "end-of-image marker");
            }
            int marker = bytes[at++] & 0xFF;
            if (marker == END_OF_IMAGE) {
                return;
            }
            if (!standsAlone(marker)) {
                if (at + 2 > bytes.length) {
                    throw cut("JPEG", "end-of-image marker");
                }
                at += length(bytes, at);
            }
        }
    }

    @Override
    Orientation orientation() {
        for (Segment segment : segments) {
            if (segment.marker == APP1 && holds(segment, "Exif\0\0")) {
                Optional<Orientation> said = Orientation.ofExif(bytes(), segment.start, segment.end);
                if (said.isPresent()) {
                    return said.get();
                }
            }
        }
        return segments.stream()
                .filter(segment -> segment.marker == APP1 && holds(segment, "http://ns.adobe.com/xap/1.0/\0"))
                .flatMap(segment -> Orientation.ofXmp(bytes(), segment.start, segment.end).stream())
                .findFirst()
                .orElse(Orientation.AS_SEEN);
    }

    private boolean holds(Segment segment, String name) {
        int length = name.length();
        return segment.end - segment.start >= length
                && new String(bytes(), segment.start, length, ISO_8859_1).equals(name);
    }

    @Override
    Pixels stored(int channels) {
        if (components() == COLOURS) {
            try {
                return Decoder.plain("jpeg").read(settled(), file(), channels);
            } catch (DataException e) {
                // the other decoder knows more kinds, and says what is wrong with the rest
            }
        }
        return Decoder.of("jpeg").read(settled(), file(), channels);
    }

    /** The file with a header of which nothing but the stored values can be made. */
    private InputStream settled() {
        byte[] header = new byte[headerEnd];
        System.arraycopy(bytes(), 0, header, 0, headerEnd);
        for (Segment segment : segments) {
            // a colour profile is relabelled as a segment that nobody reads: the decoder would convert the values
            if (segment.marker == APP2) {
                header[segment.at] = (byte) APP15;
            }
        }
        int components = components();
        Optional<Segment> adobe = segments.stream()
                .filter(segment ->
                        segment.marker == APP14 && holds(segment, "Adobe") && segment.end - segment.start >= 12)
                .reduce((first, last) -> last);
        int transform = adobe.map(segment -> (int) header[segment.start + 11]).orElse(UNKNOWN);
        boolean insert = false;
        if (components == COLOURS && isLumaAndChroma(transform)) {
            if (transform != 1) {
                adobe.ifPresent(segment -> header[segment.at] = (byte) APP15);
            }
            insert = !hasJfif() && transform != 1;
        } else if (components == 4 && transform == 1) {
            header[adobe.orElseThrow().start + 11] = 2;
        }
        InputStream rest = new ByteArrayInputStream(bytes(), headerEnd, bytes().length - headerEnd);
        InputStream start = insert
                ? new SequenceInputStream(
                        new ByteArrayInputStream(header, 0, 2),
                        new SequenceInputStream(
                                new ByteArrayInputStream(JFIF), new ByteArrayInputStream(header, 2, headerEnd - 2)))
                : new ByteArrayInputStream(header);
        return new SequenceInputStream(start, rest);
    }

    private boolean hasJfif() {
        return segments.stream().anyMatch(segment -> segment.marker == APP0 && holds(segment, "JFIF\0"));
    }

    private boolean isLumaAndChroma(int transform) {
        if (hasJfif()) {
            return true;
        }
        return transform == UNKNOWN ? !names().equals("RGB") : transform != 0;
    }

    private int components() {
        return names().length();
    }

    /** What the frame calls its components, a letter each. */
    private String names() {
        byte[] bytes = bytes();
        StringBuilder names = new StringBuilder();
        for (Segment frame : segments) {
            boolean isFrame = frame.marker >= 0xC0
                    && frame.marker <= 0xCF
                    && frame.marker != 0xC4
                    && frame.marker != 0xC8
                    && frame.marker != 0xCC;
            if (isFrame && frame.end - frame.start >= 6) {
                int count = bytes[frame.start + 5] & 0xFF;
                for (int i = 0; i < count && frame.start + 6 + 3 * i < frame.end; i++) {
                    names.append((char) (bytes[frame.start + 6 + 3 * i] & 0xFF));
                }
                return names.toString();
            }
        }
        return "";
    }
}
