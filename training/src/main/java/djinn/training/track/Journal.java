package djinn.training.track;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Lines in a file that are handed on in their order, and in a file beside it how far that went. One thread adds, another
 * hands on. Half a line, which a program that was killed leaves, is cut off.
 */
final class Journal implements AutoCloseable {

    private static final int CHUNK = 1 << 19;

    private final Path file;
    private final Path mark;
    private final OutputStream out;
    private long sent;
    private long waiting;

    /**
     * A line.
     *
     * @param text without its end
     * @param end where the next begins
     */
    record Line(String text, long end) {}

    /** Opens a journal, made if there is none; told of all lines that are in it. */
    Journal(Path file, Consumer<String> known) {
        this.file = file;
        mark = file.resolveSibling(file.getFileName() + ".sent");
        try {
            sent = Files.exists(mark) ? Long.parseLong(Files.readString(mark).strip()) : 0;
            long end = Files.exists(file) ? read(known) : 0;
            out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            sent = Math.min(sent, end);
        } catch (IOException e) {
            throw unusable(e);
        } catch (NumberFormatException e) {
            throw new DataException(
                    mark + ": expected how many bytes of " + file + " were sent, got something else; 0"
                            + " sends all anew",
                    e);
        }
    }

    /** Returns where the last whole line ends; what is behind it is cut off. */
    private long read(Consumer<String> known) throws IOException {
        long place = 0;
        long end = 0;
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            for (int next = in.read(); next >= 0; next = in.read()) {
                place++;
                if (next == '\n') {
                    waiting += place > sent ? 1 : 0;
                    end = place;
                    known.accept(line.toString(StandardCharsets.UTF_8));
                    line.reset();
                } else {
                    line.write(next);
                }
            }
        }
        if (place > end) {
            try (RandomAccessFile whole = new RandomAccessFile(file.toFile(), "rw")) {
                whole.setLength(end);
            }
        }
        return end;
    }

    synchronized void add(String line) {
        try {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            waiting++;
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    /** Returns lines that wait, the first ones; half a megabyte of them at most. */
    synchronized List<Line> next() {
        if (waiting == 0) {
            return List.of();
        }
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            in.seek(sent);
            byte[] bytes = new byte[(int) Math.min(CHUNK, in.length() - sent)];
            in.readFully(bytes);
            List<Line> lines = new ArrayList<>();
            int start = 0;
            for (int i = 0; i < bytes.length; i++) {
                if (bytes[i] == '\n') {
                    lines.add(new Line(new String(bytes, start, i - start, StandardCharsets.UTF_8), sent + i + 1));
                    start = i + 1;
                }
            }
            return lines;
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    /** Takes note that the first lines were handed on. */
    synchronized void sent(List<Line> lines) {
        sent = lines.get(lines.size() - 1).end;
        waiting -= lines.size();
        AtomicFile.writeText(mark, Long.toString(sent));
    }

    /** Makes all lines wait again. */
    synchronized void rewind() {
        try {
            waiting = 0;
            sent = 0;
            read(line -> {});
            AtomicFile.writeText(mark, "0");
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    synchronized long waiting() {
        return waiting;
    }

    /** Returns whether lines were handed on. */
    synchronized boolean hasSent() {
        return sent > 0;
    }

    private DataException unusable(IOException e) {
        return new DataException("cannot write or read " + file + ": " + AtomicFile.reason(e), e);
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw unusable(e);
        }
    }
}
