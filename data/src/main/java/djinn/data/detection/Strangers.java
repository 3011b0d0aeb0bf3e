package djinn.data.detection;

import djinn.data.Finding;
import djinn.data.OnError;
import djinn.ops.AtomicFile;
import java.util.List;

/**
 * What becomes of objects whose image or class is not in the list, and of masks that do not fit their image.
 *
 * @param onError whether they are refused, or left out and written down
 * @param findings added to
 */
record Strangers(OnError onError, List<Finding> findings) {

    /**
     * Refuses or leaves out one.
     *
     * @param file where it is, for messages
     * @param id what messages call it; empty if the file says it
     * @param what is wrong with it
     * @throws djinn.ops.DataException if it is refused
     */
    void met(Finding.Kind kind, String file, String id, String what) {
        if (onError == OnError.FAIL) {
            throw AtomicFile.unusable(file + ": " + (id.isEmpty() ? "" : id + " ") + what, null);
        }
        findings.add(new Finding(kind, file, id, what));
    }
}
