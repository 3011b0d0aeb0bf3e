package djinn.ops;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Text that people write: UTF-8, with or without a byte order mark, which is no part of it.
 *
 * <p>Other encodings are refused with the line they begin at: guessed at, two names could become one.
 */
public final class TextFile {

    private static final String MARK = "\uFEFF";

    private TextFile() {}

    /**
     * Reads a file.
     *
     * @throws DataException if it is missing, cannot be read, or is not UTF-8
     */
    public static String read(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new DataException(file + ": expected a file of text, found nothing there; check the path", e);
        } catch (IOException e) {
            throw new DataException(
                    file + ": expected a file of text, but it cannot be read: " + AtomicFile.reason(e), e);
        }
        return decode(bytes, file.toString());
    }

    /**
     * Reads the lines of a file, without those that are blank and without blanks around them.
     *
     * @throws DataException as {@link #read}
     */
    public static List<String> lines(Path file) {
        return kept(read(file).lines()).toList();
    }

    /**
     * Reads lines as they are asked for, without those that are blank and without blanks around them.
     *
     * @param input not closed
     * @param name what messages call it
     * @return lines; the stream throws {@link DataException} where reading fails or a line is not UTF-8
     */
    public static Stream<String> lines(InputStream input, String name) {
        return kept(allLines(input, name));
    }

    /**
     * Reads lines as they are asked for, blank ones and blanks around them too.
     *
     * @param input not closed
     * @param name what messages call it
     * @return lines, as {@link #lines(InputStream, String)}
     */
    public static Stream<String> allLines(InputStream input, String name) {
        Iterator<String> lines = new Lines(new BufferedInputStream(input), name);
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(lines, Spliterator.ORDERED), false)
                .flatMap(String::lines);
    }

    private static Stream<String> kept(Stream<String> lines) {
        // a mark opens each of several files that were strung together
        return lines.map(line -> line.startsWith(MARK) ? line.substring(1) : line)
                .map(String::strip)
                .filter(line -> !line.isEmpty());
    }

    /**
     * Decodes text.
     *
     * @param bytes those of a file
     * @param name what messages call it
     * @throws DataException if it is not UTF-8
     */
    public static String decode(byte[] bytes, String name) {
        return decode(bytes, name, 1);
    }

    private static String decode(byte[] bytes, String name, long line) {
        if (line == 1) {
            refuseOtherMarks(bytes, name);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
        if (result.isError()) {
            throw new DataException(
                    "%s:%d: expected UTF-8 text, found the byte %02X%s, which is none; save the file as UTF-8"
                                    .formatted(
                                            name,
                                            line + linesBefore(bytes, in.position()),
                                            bytes[in.position()],
                                            behind(bytes, in.position()))
                            + " (it is perhaps Windows-1252, also called Latin-1 or ANSI: iconv -f WINDOWS-1252 -t UTF-8)");
        }
        String text = out.flip().toString();
        int zero = text.indexOf('\0');
        if (zero >= 0) {
            throw new DataException(name + ":"
                    + (line
                            + text.substring(0, zero)
                                    .chars()
                                    .filter(c -> c == '\n')
                                    .count())
                    + ": expected UTF-8 text, found a zero byte; save the file as UTF-8 (it is perhaps UTF-16, or no"
                    + " text)");
        }
        return line == 1 && text.startsWith(MARK) ? text.substring(1) : text;
    }

    private static void refuseOtherMarks(byte[] bytes, String name) {
        int first = bytes.length < 2 ? 0 : (bytes[0] & 0xFF) << 8 | (bytes[1] & 0xFF);
        if (first == 0xFFFE || first == 0xFEFF) {
            throw new DataException(
                    name + ":1: expected UTF-8 text, found UTF-16 (by its byte order mark); save the file"
                            + " as UTF-8 (iconv -f UTF-16 -t UTF-8)");
        }
    }

    private static long linesBefore(byte[] bytes, int end) {
        long lines = 0;
        for (int i = 0; i < end; i++) {
            if (bytes[i] == '\n') {
                lines++;
            }
        }
        return lines;
    }

    /** A few of the letters before a byte, to find it by. */
    private static String behind(byte[] bytes, int at) {
        int start = at;
        while (start > 0 && at - start < 20 && bytes[start - 1] >= ' ') {
            start--;
        }
        return start == at ? "" : " behind '" + new String(bytes, start, at - start, StandardCharsets.US_ASCII) + "'";
    }

    private static final class Lines implements Iterator<String> {

        private final InputStream input;
        private final String name;
        private long line = 1;
        private byte[] next;

        Lines(InputStream input, String name) {
            this.input = input;
            this.name = name;
        }

        @Override
        public boolean hasNext() {
            if (next == null) {
                try {
                    next = bytes();
                } catch (IOException e) {
                    throw new DataException(name + ": cannot be read: " + AtomicFile.reason(e), e);
                }
            }
            return next.length > 0;
        }

        @Override
        public String next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            String text = decode(next, name, line++);
            next = null;
            return text;
        }

        /** Up to the end of the line or of the input, and no further: whoever writes it may wait for an answer. */
        private byte[] bytes() throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            int b;
            while ((b = input.read()) >= 0) {
                bytes.write(b);
                if (b == '\n') {
                    break;
                }
            }
            return bytes.toByteArray();
        }
    }
}
