package djinn.ops.download;

import java.util.OptionalLong;

/** Hears how a download goes. */
@FunctionalInterface
public interface DownloadListener {

    /**
     * Hears that bytes have come; first of those that an earlier try left.
     *
     * @param done how many the part has
     * @param total how many the file has, if the server says so
     */
    void progress(long done, OptionalLong total);

    /** Hears that another thread or process is at work on the file, and this one waits for it. */
    default void waiting() {}
}
