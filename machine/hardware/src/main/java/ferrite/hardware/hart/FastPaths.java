package ferrite.hardware.hart;

/** The fast paths of one hart, by privilege mode. Each is created when it is first needed. */
final class FastPaths {

    private final FastPath[] paths = new FastPath[4];

    /** Returns the fast path for accesses in a privilege mode. */
    FastPath of(int mode) {
        if (paths[mode] == null) {
            paths[mode] = FastPath.create();
        }
        return paths[mode];
    }

    void dropAll() {
        for (FastPath path : paths) {
            if (path != null) {
                path.dropAll();
            }
        }
    }

    /** Drops what the TLB may no longer hold: all translations, or all but the shared ones. */
    void flushed(boolean all) {
        for (int mode = PrivilegeMode.U; mode <= PrivilegeMode.S; mode++) {
            if (paths[mode] != null && all) {
                paths[mode].dropAll();
            } else if (paths[mode] != null) {
                paths[mode].dropRevocable();
            }
        }
    }

    /**
     * Drops what is no longer translated or permitted after a write to satp or mstatus. The shared pages stay in
     * another address space. SUM concerns the accesses of S-mode to user pages only, and permits more when it is set.
     *
     * @param before the {@linkplain Csrs#translationContext context} before the write
     * @param now    the context after it
     */
    void contextChanged(long before, long now) {
        int satpChange = (int) (before ^ now);
        int statusChange = (int) ((before ^ now) >>> 32);
        if (satpChange != 0 || (statusChange & Csrs.MXR) != 0) {
            flushed(satpChange < 0 || (statusChange & Csrs.MXR) != 0);
        } else if ((now >>> 32 & Csrs.SUM) == 0 && paths[PrivilegeMode.S] != null) {
            paths[PrivilegeMode.S].dropRevocable();
        }
    }

    /** Drops the entry for {@code va} of each mode, if there is one. */
    void drop(int va) {
        for (FastPath path : paths) {
            if (path != null) {
                path.drop(FastPath.slot(va));
            }
        }
    }

    void dropStores(int[] page) {
        for (FastPath path : paths) {
            if (path != null) {
                path.dropStores(page);
            }
        }
    }
}
