package djinn.ops.download;

import djinn.ops.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/**
 * Brings a file over HTTP into a part, and goes on where an earlier try ended.
 *
 * <p>The part's ETag is kept in a file beside it, so that bytes of two versions are never joined: the rest is asked for
 * under {@code If-Range}, and a server that answers with the whole file starts it anew.
 */
public final class PartialDownload {

    private static final Pattern RANGE = Pattern.compile("bytes (?:(\\d+)-\\d+|\\*)/(\\d+|\\*)");
    private static final Pattern SHA256 = Pattern.compile("\"?([0-9a-f]{64})\"?");
    private static final int CHUNK = 1 << 16;
    private static final int OK = 200;
    private static final int PARTIAL = 206;
    private static final int RANGE_NOT_SATISFIABLE = 416;
    private static final int TOO_MANY = 429;
    private static final int ITS_OWN_ERROR = 500;

    /** A transfer that failed: why, and what to do about it. */
    public static final class Failure extends Exception {

        private static final long serialVersionUID = 1L;

        private final String advice;

        Failure(String reason, String advice, Throwable cause) {
            super(reason, cause);
            this.advice = advice;
        }

        /** Returns what to do about it. */
        public String advice() {
            return advice;
        }
    }

    /** Writing failed, not the network. */
    public static final class DiskFailure extends IOException {

        private static final long serialVersionUID = 1L;

        DiskFailure(IOException cause) {
            super(AtomicFile.reason(cause), cause);
        }
    }

    private record Answer(HttpResponse<InputStream> response, long offset, OptionalLong total) {}

    private final HttpClient client;
    private final Patience patience;
    private final URI url;
    private final Path part;
    private final Path tag;

    /**
     * Prepares a transfer; a part that is there is taken as the beginning of the file.
     *
     * @param client as {@link #client} makes it
     * @param patience how long to wait
     * @param url where the file is
     * @param part where it comes to
     */
    public PartialDownload(HttpClient client, Patience patience, URI url, Path part) {
        this.client = client;
        this.patience = patience;
        this.url = url;
        this.part = part;
        this.tag = part.resolveSibling(part.getFileName() + ".etag");
    }

    /**
     * Returns a client for transfers.
     *
     * @param proxies which proxy to ask for which address
     * @param patience how long to wait
     */
    public static HttpClient client(ProxySelector proxies, Patience patience) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(patience.connection())
                .proxy(proxies);
        return (proxies instanceof EnvironmentProxies own ? builder.authenticator(own.authenticator()) : builder)
                .build();
    }

    /**
     * Completes the part.
     *
     * @param checked whether the caller knows the file's hash, so that a part of unknown version may be tried too
     * @param listener hears of it
     * @return the file's SHA-256, if the server told it
     * @throws Failure if the network or the server fail; what has come is kept
     * @throws DiskFailure if the part cannot be written; what has come is kept
     */
    public Optional<String> run(boolean checked, DownloadListener listener) throws Failure, DiskFailure {
        Answer answer = ask(checked);
        if (answer.response.statusCode() == RANGE_NOT_SATISFIABLE) {
            close(answer.response);
            if (answer.total.isPresent() && answer.total.getAsLong() == answer.offset) {
                return linkedHash(answer.response);
            }
            discard();
            answer = ask(checked);
        }
        receive(answer, listener);
        return linkedHash(answer.response);
    }

    /**
     * Forgets what has come.
     *
     * @throws DiskFailure if it cannot be removed
     */
    public void discard() throws DiskFailure {
        try {
            Files.deleteIfExists(part);
            Files.deleteIfExists(tag);
        } catch (IOException e) {
            throw new DiskFailure(e);
        }
    }

    /**
     * Forgets the part's version, for the part is the file now.
     *
     * @throws DiskFailure if it cannot be removed
     */
    public void done() throws DiskFailure {
        try {
            Files.deleteIfExists(tag);
        } catch (IOException e) {
            throw new DiskFailure(e);
        }
    }

    private Answer ask(boolean checked) throws Failure, DiskFailure {
        long have;
        String etag;
        try {
            have = Files.isRegularFile(part) ? Files.size(part) : 0;
            etag = Files.isRegularFile(tag) ? Files.readString(tag) : "";
        } catch (IOException e) {
            throw new DiskFailure(e);
        }
        if (have > 0 && etag.isEmpty() && !checked) {
            discard();
            have = 0;
        }
        HttpRequest.Builder request =
                HttpRequest.newBuilder(url).timeout(patience.answer()).header("User-Agent", "djinn");
        if (have > 0) {
            request.header("Range", "bytes=" + have + "-");
            if (!etag.isEmpty()) {
                request.header("If-Range", etag);
            }
        }
        HttpResponse<InputStream> response;
        try {
            response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            throw interrupted(e);
        } catch (IOException e) {
            throw unreachable(e);
        }
        return understood(response, have);
    }

    private Answer understood(HttpResponse<InputStream> response, long have) throws Failure {
        HttpHeaders headers = response.headers();
        Matcher range = RANGE.matcher(headers.firstValue("Content-Range").orElse(""));
        OptionalLong ofRange = range.matches() && !range.group(2).equals("*")
                ? OptionalLong.of(Long.parseLong(range.group(2)))
                : OptionalLong.empty();
        if (response.statusCode() == OK) {
            return new Answer(response, 0, headers.firstValueAsLong("Content-Length"));
        }
        if (response.statusCode() == RANGE_NOT_SATISFIABLE && have > 0) {
            return new Answer(response, have, ofRange);
        }
        if (response.statusCode() == PARTIAL
                && range.matches()
                && String.valueOf(have).equals(range.group(1))) {
            return new Answer(response, have, ofRange);
        }
        close(response);
        boolean passing = response.statusCode() == TOO_MANY || response.statusCode() >= ITS_OWN_ERROR;
        String advice = passing ? "try again later" : "open the address in a browser to see why";
        throw new Failure("the server answered " + status(response), advice, null);
    }

    private static String status(HttpResponse<?> response) {
        return response.statusCode()
                + switch (response.statusCode()) {
                    case PARTIAL -> " with another range than asked for";
                    case 401, 403 -> " (not allowed)";
                    case 404, 410 -> " (not there)";
                    case 407 ->
                        " (the proxy wants a user and a password: http://user:password@host:port; Java sends them"
                                + " only with -Djdk.http.auth.tunneling.disabledSchemes= in JAVA_TOOL_OPTIONS)";
                    case TOO_MANY -> " (too many requests)";
                    default -> response.statusCode() >= ITS_OWN_ERROR ? " (its own error)" : "";
                };
    }

    private void receive(Answer answer, DownloadListener listener) throws Failure, DiskFailure {
        long done = answer.offset;
        try (InputStream in = answer.response.body();
                StallWatch watch = new StallWatch(in, patience.bytes());
                FileChannel out = open(answer)) {
            byte[] chunk = new byte[CHUNK];
            listener.progress(done, answer.total);
            while (true) {
                int count;
                try {
                    count = in.read(chunk);
                } catch (IOException e) {
                    throw cut(done, answer.total, watch.stalled(), e);
                }
                if (count < 0) {
                    break;
                }
                watch.alive();
                write(out, ByteBuffer.wrap(chunk, 0, count));
                done += count;
                listener.progress(done, answer.total);
            }
            if (answer.total.isPresent() && done != answer.total.getAsLong()) {
                throw cut(done, answer.total, watch.stalled(), null);
            }
            out.force(true);
        } catch (DiskFailure e) {
            throw e;
        } catch (IOException e) {
            throw new DiskFailure(e);
        }
    }

    private FileChannel open(Answer answer) throws DiskFailure {
        try {
            FileChannel out = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                out.position(answer.offset);
                if (answer.offset == 0) {
                    Optional<String> etag =
                            answer.response.headers().firstValue("ETag").filter(value -> value.startsWith("\""));
                    Files.writeString(tag, etag.orElse(""));
                    out.truncate(0);
                }
                return out;
            } catch (IOException e) {
                out.close();
                throw e;
            }
        } catch (IOException e) {
            throw new DiskFailure(e);
        }
    }

    private static void write(FileChannel out, ByteBuffer bytes) throws DiskFailure {
        try {
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        } catch (IOException e) {
            throw new DiskFailure(e);
        }
    }

    /** What Hugging Face's hub says, on its redirect, of a file that it keeps under its hash. */
    private static Optional<String> linkedHash(HttpResponse<?> last) {
        Optional<? extends HttpResponse<?>> response = Optional.of(last);
        while (response.isPresent()) {
            Matcher hash = SHA256.matcher(
                    response.get().headers().firstValue("X-Linked-Etag").orElse(""));
            if (hash.matches()) {
                return Optional.of(hash.group(1));
            }
            response = response.get().previousResponse();
        }
        return Optional.empty();
    }

    private static void close(HttpResponse<InputStream> response) {
        try {
            response.body().close();
        } catch (IOException e) {
            // its body is of no interest
        }
    }

    private static Failure cut(long done, OptionalLong total, boolean stalled, IOException cause) {
        String of = total.isPresent() ? " of " + total.getAsLong() : "";
        String what = stalled ? "nothing more came after " : "the connection broke after ";
        return new Failure(
                String.format(Locale.ROOT, "%s%d%s bytes", what, done, of), "try again to go on from there", cause);
    }

    private static Failure interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Failure("interrupted", "try again", e);
    }

    private static Failure unreachable(IOException e) {
        String reason;
        if (e instanceof HttpTimeoutException) {
            reason = "no answer in time";
        } else if (isCausedBy(e, UnresolvedAddressException.class)) {
            reason = "the host's name is not known";
        } else if (e instanceof ConnectException) {
            reason = "no connection";
        } else if (isCausedBy(e, SSLException.class)) {
            reason = "no secure connection (" + AtomicFile.reason(e) + ")";
        } else {
            reason = AtomicFile.reason(e);
        }
        return new Failure(
                reason, "check the network and the proxy (HTTPS_PROXY, or -Dhttps.proxyHost in JAVA_TOOL_OPTIONS)", e);
    }

    private static boolean isCausedBy(Throwable e, Class<? extends Throwable> kind) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }
}
