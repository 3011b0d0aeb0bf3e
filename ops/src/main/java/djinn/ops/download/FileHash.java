package djinn.ops.download;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Digests of files. */
public final class FileHash {

    private static final int CHUNK = 1 << 20;

    private FileHash() {}

    /**
     * Returns the digest of a file.
     *
     * @param file the file
     * @param algorithm {@code SHA-256} or {@code MD5}
     * @return in lower-case hexadecimal
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if Java has no such algorithm
     */
    public static String of(Path file, String algorithm) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalArgumentException("expected SHA-256 or MD5, got " + algorithm, e);
        }
        byte[] chunk = new byte[CHUNK];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                digest.update(chunk, 0, count);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
