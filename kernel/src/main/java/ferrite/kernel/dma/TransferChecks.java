package ferrite.kernel.dma;

import static ferrite.kernel.dma.DmaAsyncTxLayout.CALLBACK;
import static ferrite.kernel.dma.DmaAsyncTxLayout.CALLBACK_PARAM;
import static ferrite.kernel.dma.DmaAsyncTxLayout.COOKIE;
import static ferrite.kernel.dma.DmaAsyncTxLayout.COPIES;
import static ferrite.kernel.dma.DmaAsyncTxLayout.FLAGS;
import static ferrite.kernel.dma.DmaAsyncTxLayout.NODE;
import static ferrite.kernel.dma.DmaAsyncTxLayout.SITE;
import static ferrite.kernel.dma.DmaAsyncTxLayout.STATE;
import static ferrite.kernel.dma.DmaAsyncTxLayout.SUBMITTED_CALLBACK;
import static ferrite.kernel.dma.DmaAsyncTxLayout.SUBMITTED_PARAM;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.shadow.Armed;
import ferrite.kernel.shadow.Claim;
import ferrite.kernel.shadow.MemoryStates;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Checks how drivers use transfers and their channels. Only looks. */
final class TransferChecks {

    /** Entries of a list that are looked at. The list may be damaged. */
    private static final int MAX_NODES = 1 << 16;

    private final Violations violations;
    private final MemoryStates states;
    private final DmaClaims claims;
    private final long root;
    /** The coherent memory that each transfer in flight reads or writes. A cache, see {@link #attach}. */
    private final Map<Long, List<Claim>> copying = new HashMap<>();

    TransferChecks(KernelBase base, DmaClaims claims) {
        this.violations = base.violations();
        this.states = base.states();
        this.claims = claims;
        this.root = base.root();
    }

    /** Notes again which coherent memory transfers use, for a kernel that attaches. */
    void attach(ReadableMemory view) {
        long engine = RootLayout.DMA_DEVICE.get(view, root);
        if (engine != 0) {
            ListHead.nodes(view, DmaEngineLayout.ISSUED.at(engine), MAX_NODES)
                    .forEach(node -> begins(NODE.containerOf(node), "a task"));
            long active = DmaEngineLayout.ACTIVE.get(view, engine);
            if (active != 0) {
                begins(active, "a task");
            }
        }
    }

    // ---- descriptors ----

    /** Checks a descriptor that is submitted. Returns whether it may be. */
    boolean mayBeSubmitted(long tx) {
        ReadableMemory view = violations.peek();
        boolean prepared = STATE.get(view, tx) == DmaAsyncTxLayout.PREPARED;
        if (!prepared) {
            misuse("dmaengine_submit of a descriptor that is submitted already, with cookie " + COOKIE.get(view, tx),
                    tx).report();
        } else if (CALLBACK.get(view, tx) != 0 && (FLAGS.get(view, tx) & DmaPrep.DMA_PREP_INTERRUPT) == 0) {
            misuse("dmaengine_submit of a descriptor with a callback and without DMA_PREP_INTERRUPT", tx)
                    .line("why", "most engines then raise no interrupt at the end, and nothing calls the callback")
                    .report();
        }
        return prepared;
    }

    private Violations.Building misuse(String what, long tx) {
        return violations.of(Rule.DMA_DESCRIPTOR_USE, what).line("instead", Rule.DMA_DESCRIPTOR_USE.right())
                .address("descriptor", tx);
    }

    /** Notes that a transfer will call its callback. */
    void submitted(long tx) {
        long param = CALLBACK_PARAM.get(violations.peek(), tx);
        if (AddressSpace.isLinear(param)) {
            states.armed().set(Armed.Kind.TRANSFER, param);
        }
    }

    /** Notes that a transfer's callback is called now, or never will be. Checks that the driver left it as it was. */
    void calls(long tx) {
        ReadableMemory view = violations.peek();
        states.armed().ended(SUBMITTED_PARAM.get(view, tx));
        if (COOKIE.get(view, tx) != 0 && (CALLBACK.get(view, tx) != SUBMITTED_CALLBACK.get(view, tx)
                || CALLBACK_PARAM.get(view, tx) != SUBMITTED_PARAM.get(view, tx))) {
            violations.at(Rule.DMA_DESCRIPTOR_USE, "the callback of a descriptor was changed after dmaengine_submit",
                    site(view, tx), "").line("why", "the transfer may end before the change, which then is made to "
                            + "memory that is free").line("instead", Rule.DMA_DESCRIPTOR_USE.right())
                    .address("descriptor", tx).report();
        }
    }

    private static String site(ReadableMemory view, long tx) {
        long site = SITE.get(view, tx);
        return site == 0 ? "?" : StringTable.read(view, site);
    }

    /** Returns the line that submitted a transfer; null if it was not recorded. */
    String site(long tx) {
        ReadableMemory view = violations.peek();
        return SITE.get(view, tx) == 0 ? null : StringTable.read(view, SITE.get(view, tx));
    }

    /** Checks that a channel that is released has no transfers. */
    void releases(long channel) {
        ReadableMemory view = violations.peek();
        long engine = DmaChannelLayout.ENGINE.get(view, channel);
        List<Long> left = nodes(view, DmaChannelLayout.SUBMITTED.at(channel));
        for (long tx : inEngine(view, engine)) {
            if (DmaAsyncTxLayout.CHAN.get(view, tx) == channel && STATE.get(view, tx) != DmaAsyncTxLayout.ABORTED) {
                left.add(tx);
            }
        }
        if (!left.isEmpty()) {
            violations.of(Rule.DMA_IN_FLIGHT, "dma_release_channel with " + left.size() + (left.size() == 1
                    ? " transfer that has" : " transfers that have") + " not ended")
                    .line("transfer", describe(view, left.get(0)))
                    .line("instead", "call dmaengine_terminate_sync first, or wait for the callbacks")
                    .address("channel", channel).report();
        }
        List<Long> prepared = nodes(view, DmaChannelLayout.PREPARED.at(channel));
        if (!prepared.isEmpty()) {
            misuse("dma_release_channel with a descriptor that was prepared and never submitted", prepared.get(0))
                    .line("why", "only the end of a transfer frees its descriptor").report();
        }
    }

    private static List<Long> nodes(ReadableMemory view, long head) {
        List<Long> all = new ArrayList<>();
        ListHead.nodes(view, head, MAX_NODES).forEach(node -> all.add(NODE.containerOf(node)));
        return all;
    }

    /** Lists the transfers that the engine has or will have. */
    private static List<Long> inEngine(ReadableMemory view, long engine) {
        List<Long> all = nodes(view, DmaEngineLayout.ISSUED.at(engine));
        long active = DmaEngineLayout.ACTIVE.get(view, engine);
        if (active != 0) {
            all.add(active);
        }
        return all;
    }

    // ---- memory in flight ----

    /** Notes that the engine will access the memory of a transfer. */
    void begins(long tx) {
        begins(tx, null);
    }

    private void begins(long tx, String task) {
        ReadableMemory view = violations.peek();
        List<Claim> own = new ArrayList<>();
        for (int i = 0; i < COPIES.get(view, tx); i++) {
            long copy = DmaAsyncTxLayout.copy(tx, i);
            int bytes = DmaCopyLayout.BYTES.get(view, copy);
            own.add(claims.copying(DmaCopyLayout.SOURCE.get(view, copy), bytes, false, site(tx), task));
            own.add(claims.copying(DmaCopyLayout.TARGET.get(view, copy), bytes, true, site(tx), task));
        }
        own.removeIf(claim -> claim == null);
        if (!own.isEmpty()) {
            copying.put(tx, own);
        }
    }

    /** Notes that the engine has ended a transfer, or will not begin it. */
    void ends(long tx) {
        if (!copying.isEmpty()) {
            List<Claim> own = copying.remove(tx);
            if (own != null) {
                own.forEach(claims::copied);
            }
        }
    }

    /**
     * Checks that no transfer uses memory that is unmapped. Returns whether one does, which was reported.
     *
     * @param unit the device that it was mapped for
     */
    boolean isUsed(String call, String unit, Claim mapping) {
        ReadableMemory view = violations.peek();
        long engine = RootLayout.DMA_DEVICE.get(view, root);
        if (engine == 0 || !violations.checks(Rule.DMA_IN_FLIGHT)) {
            return false;
        }
        List<Long> all = inEngine(view, engine);
        for (long node : ListHead.nodes(view, DmaEngineLayout.CHANNELS.at(engine), MAX_NODES)) {
            all.addAll(nodes(view, DmaChannelLayout.TERMINATED.at(DmaChannelLayout.NODE.containerOf(node))));
        }
        if (all.isEmpty() || !unit.equals(claims.unitOf(DmaEngineLayout.DEV.get(view, engine)))) {
            return false;
        }
        for (long tx : all) {
            if (uses(view, tx, mapping.terms())) {
                boolean terminated = STATE.get(view, tx) >= DmaAsyncTxLayout.ABORTED;
                violations.of(Rule.DMA_IN_FLIGHT, call + " of memory that a transfer of " + mapping.terms().device()
                        + (terminated ? " may still access: its channel was terminated, and not synchronized"
                                : " has not copied")).line("transfer", describe(view, tx))
                        .line("mapping", mapping.describe())
                        .line("instead", terminated ? "call dmaengine_terminate_sync, or dmaengine_synchronize in a "
                                + "task, before the memory is unmapped" : Rule.DMA_IN_FLIGHT.right())
                        .text("device", mapping.terms().device()).address("dma", mapping.terms().dma()).report();
                return true;
            }
        }
        return false;
    }

    private static boolean uses(ReadableMemory view, long tx, Claim.Terms terms) {
        for (int i = 0; i < COPIES.get(view, tx); i++) {
            long copy = DmaAsyncTxLayout.copy(tx, i);
            int bytes = DmaCopyLayout.BYTES.get(view, copy);
            if (terms.deviceReads() && overlap(DmaCopyLayout.SOURCE.get(view, copy), bytes, terms)
                    || terms.deviceWrites() && overlap(DmaCopyLayout.TARGET.get(view, copy), bytes, terms)) {
                return true;
            }
        }
        return false;
    }

    private static boolean overlap(long dma, int bytes, Claim.Terms terms) {
        return dma < terms.dma() + terms.bytes() && terms.dma() < dma + bytes;
    }

    private static String describe(ReadableMemory view, long tx) {
        long copy = DmaAsyncTxLayout.copy(tx, 0);
        return DmaAsyncTxLayout.BYTES.get(view, tx) + " bytes, from "
                + Hex.grouped(DmaCopyLayout.SOURCE.get(view, copy)) + " to "
                + Hex.grouped(DmaCopyLayout.TARGET.get(view, copy)) + ", submitted at " + site(view, tx);
    }
}
