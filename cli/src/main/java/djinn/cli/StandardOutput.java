package djinn.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Standard output that remembers why it could not be written, which a print writer around it forgets. */
final class StandardOutput extends Writer {

    private final Writer target;
    private final boolean pipe;
    private IOException failure;

    /** Writes to a target; where that is a pipe, it fails when nobody reads any more. */
    StandardOutput(Writer target, boolean pipe) {
        this.target = target;
        this.pipe = pipe;
    }

    /** Opens the standard output of this process. */
    static StandardOutput open() {
        return new StandardOutput(
                new OutputStreamWriter(new FileOutputStream(FileDescriptor.out), charset()), isPipe());
    }

    /** The terminal's, but never one that has no letters beyond English: UTF-8 holds it. */
    private static Charset charset() {
        String name = System.getProperty("stdout.encoding", System.getProperty("sun.stdout.encoding"));
        Charset charset = name == null ? Charset.defaultCharset() : Charset.forName(name);
        return charset.equals(StandardCharsets.US_ASCII) ? StandardCharsets.UTF_8 : charset;
    }

    /** As Linux tells it; elsewhere the message of the failure has to do. */
    private static boolean isPipe() {
        try {
            String link = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return link.startsWith("pipe:") || link.startsWith("socket:");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /** Returns the first failure; what was written since is lost. */
    Optional<IOException> failure() {
        return Optional.ofNullable(failure);
    }

    /** Whether it failed because nobody reads it, as in {@code djinn models | head -1}. */
    boolean unread() {
        return failure != null
                && (pipe
                        || String.valueOf(failure.getMessage())
                                .toLowerCase(Locale.ROOT)
                                .contains("pipe"));
    }

    @Override
    public void write(char[] text, int from, int count) throws IOException {
        attempt(() -> target.write(text, from, count));
    }

    @Override
    public void flush() throws IOException {
        attempt(target::flush);
    }

    @Override
    public void close() throws IOException {
        attempt(target::close);
    }

    @FunctionalInterface
    private interface Attempt {
        void run() throws IOException;
    }

    private void attempt(Attempt attempt) throws IOException {
        if (failure != null) {
            throw failure;
        }
        try {
            attempt.run();
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }
}
