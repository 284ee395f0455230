package ferrite.kernel.shadow;

import ferrite.kernel.log.CallSite;
import java.util.HashMap;
import java.util.Map;

/** The lines that store to addresses. Later, it is mostly the one that stored there before. */
final class StoreLines {

    private static final int STORES_NOTED = 64;
    /** Addresses that are told from others of their page. A frame buffer has too many. */
    private static final int MAX_ADDRESSES = 4096;

    private final Map<Long, Line> lines = new HashMap<>();

    private static final class Line {
        private int count;
        private String site;
    }

    /** Finds the line that stores to an address now. */
    String of(long pa) {
        long key = lines.size() < MAX_ADDRESSES || lines.containsKey(pa) ? pa : pa & -Shadow.PAGE;
        Line line = lines.computeIfAbsent(key, any -> new Line());
        if (line.count++ < STORES_NOTED || line.count % STORES_NOTED == 0) {
            line.site = CallSite.ofCaller();
        }
        return line.site;
    }
}
