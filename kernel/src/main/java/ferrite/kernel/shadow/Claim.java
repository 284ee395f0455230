package ferrite.kernel.shadow;

import ferrite.hardware.report.Hex;
import java.util.BitSet;

/**
 * A driver's permission for a device to access memory: a streaming mapping, coherent memory, or a programmed channel of
 * the ISA controller. It lasts until the driver takes it back, and is remembered for a while afterwards.
 */
public final class Claim {

    /** The kinds of claims. */
    public enum Kind {
        /** A mapping: the memory belongs to the device between map and unmap, except while it is synced. */
        MAPPING("mapping"),
        /** Coherent memory, which belongs to both. */
        COHERENT("mapping"),
        /** A channel, from {@code enable_dma} to its terminal count or {@code disable_dma}. */
        CHANNEL("channel"),
        /** A copy of the copy engine's, from its request to its completion, in coherent memory. */
        COPY("copy");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** The label of the line of a report that describes such a claim. */
        public String label() {
            return label;
        }

        /** Whether the memory belongs to the device while it moves the bytes, and no longer. */
        public boolean isTransfer() {
            return this == CHANNEL || this == COPY;
        }
    }

    /**
     * The terms of a claim.
     *
     * @param device      the device's name for reports
     * @param unit        the end of the device's name that tells it from all others, such as {@code @f0080000}
     * @param dma         the first address that the device uses
     * @param pa          the first physical address of the buffer; another one than {@code dma} if it is bounced
     * @param deviceReads whether the device may read
     * @param deviceWrites whether the device may write
     * @param down        whether the device goes from the last byte to the first
     * @param again       whether a channel begins anew at its terminal count
     */
    public record Terms(Kind kind, String device, String unit, long dma, long pa, int bytes, boolean deviceReads,
            boolean deviceWrites, boolean down, boolean again) {

        /** Terms of memory that the device accesses in any order. */
        public Terms(Kind kind, String device, String unit, long dma, long pa, int bytes, boolean deviceReads,
                boolean deviceWrites) {
            this(kind, device, unit, dma, pa, bytes, deviceReads, deviceWrites, false, false);
        }

        private long last() {
            return down ? dma : dma + bytes - 1;
        }
    }

    private final Terms terms;
    private final String call;
    private final String site;
    private final String task;
    /** Whether the driver has asked {@code dma_mapping_error}, or need not. */
    private boolean asked;
    /** The bytes that are synced for the harts; null for none. */
    private BitSet synced;
    private boolean moved;
    private boolean written;
    private String endedBy;
    private boolean told;

    Claim(Terms terms, String call, String site, String task) {
        this.terms = terms;
        this.call = call;
        this.site = site;
        this.task = task;
        this.asked = terms.kind != Kind.MAPPING;
    }

    public Terms terms() {
        return terms;
    }

    /** The line that made the claim. */
    public String site() {
        return site;
    }

    /** The task that made the claim. */
    public String task() {
        return task;
    }

    /** The call and line that ended the claim; null while it is live. */
    public String endedBy() {
        return endedBy;
    }

    /** Returns whether the claim lets its device access these bytes. */
    public boolean permits(long dma, int bytes, boolean store) {
        return containsDma(dma, bytes) && (store ? terms.deviceWrites : terms.deviceReads);
    }

    /** Returns whether the device may access the memory now. */
    public boolean isLive() {
        return endedBy == null;
    }

    /** Returns whether nobody has asked {@code dma_mapping_error} for a mapping that may have been refused. */
    public boolean isUnasked() {
        return !asked;
    }

    void ask() {
        asked = true;
    }

    /** Notes that the claim's early end was reported. */
    public void tell() {
        told = true;
    }

    /** Returns whether the claim's early end was reported, so that what follows from it is not. */
    public boolean isTold() {
        return told;
    }

    void end(String how) {
        endedBy = how;
    }

    /** Notes that the device accesses bytes. The last one ends the claim of a channel that does not begin anew. */
    void move(long dma, int bytes) {
        moved = true;
        if (terms.kind == Kind.CHANNEL && !terms.again && dma <= terms.last() && terms.last() < dma + bytes) {
            endedBy = "its terminal count";
        }
    }

    /** Returns whether the device has accessed the memory. */
    boolean hasMoved() {
        return moved;
    }

    /** Notes that the device has stored to the memory. */
    void write() {
        written = true;
    }

    /** Returns whether the device has stored to the memory. */
    boolean hasWritten() {
        return written;
    }

    boolean containsDma(long address, int bytes) {
        return terms.dma <= address && address + bytes <= terms.dma + terms.bytes;
    }

    boolean touchesDma(long address, int bytes) {
        return terms.dma < address + bytes && address < terms.dma + terms.bytes;
    }

    boolean touchesPa(long pa, long bytes) {
        return terms.pa < pa + bytes && pa < terms.pa + terms.bytes;
    }

    /** Gives bytes of a mapping to the harts, or back to the device. */
    void sync(long dma, int bytes, boolean forHarts) {
        if (synced == null) {
            synced = new BitSet();
        }
        int from = (int) Math.max(0, dma - terms.dma);
        synced.set(from, Math.max(from, (int) Math.min(terms.bytes, dma + bytes - terms.dma)), forHarts);
    }

    /**
     * Returns whether the device owns one of some bytes of the buffer. A channel that begins anew at its end goes round
     * a ring: it shares the memory with the harts.
     */
    boolean isOwnedByDevice(long pa, int bytes) {
        if (terms.kind == Kind.COHERENT || terms.kind == Kind.CHANNEL && terms.again
                || !isLive() || !touchesPa(pa, bytes)) {
            return false;
        }
        int from = (int) Math.max(0, pa - terms.pa);
        int end = (int) Math.min(terms.bytes, pa + bytes - terms.pa);
        for (int at = from; synced != null && at < end; at++) {
            int line = Math.max(0, (int) ((terms.pa + at & -Claims.LINE) - terms.pa));
            int next = synced.nextSetBit(line);
            if (next < 0 || next >= line + Claims.LINE) {
                return true;                           // a sync of one byte gives the whole line
            }
            at = line + Claims.LINE - 1;
        }
        return synced == null;
    }

    /** Returns whether the harts have all of some bytes of a mapping, which are synced for them. */
    public boolean isSynced(long dma, int bytes) {
        int from = (int) Math.max(0, dma - terms.dma);
        return synced != null && terms.kind == Kind.MAPPING
                && synced.nextClearBit(from) >= Math.min(terms.bytes, from + bytes);
    }

    /**
     * Returns whether the device owns bytes of a cache line, and the harts own none of the buffer there: a sync of one
     * byte gives them the whole line.
     */
    boolean ownsLine(long pa, int bytes) {
        int from = (int) Math.max(0, pa - terms.pa);
        int end = (int) Math.min(terms.bytes, pa + bytes - terms.pa);
        return isOwnedByDevice(pa, bytes) && (synced == null || synced.get(from, end).isEmpty());
    }

    /** Describes the claim in a line: what may be accessed how, and the line that says so. */
    public String describe() {
        String how = terms.deviceReads && terms.deviceWrites ? "reading and writing"
                : terms.deviceWrites ? "writing" : "reading";
        return terms.bytes + " bytes at " + Hex.grouped(terms.dma)
                + (terms.pa == terms.dma ? "" : " (bounced from physical " + Hex.grouped(terms.pa) + ")") + " for "
                + how + ", by " + call + " at " + site + " of " + task
                + (endedBy == null ? "" : ", until " + endedBy);
    }
}
