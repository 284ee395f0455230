package ferrite.scenarios.qemu;

import ferrite.hardware.hart.Csrs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;

/**
 * One random program: the initial contents of memory, registers and CSRs, and its steps. A value that depends on the
 * program's place is a function of the slot's address, so that any slot can hold the program.
 */
final class Program {

    /** The seed; {@code --seed} and {@code --only} find the program again. */
    final long seed;
    final int number;

    final IntUnaryOperator[] x = new IntUnaryOperator[32];
    final Map<Integer, IntUnaryOperator> csrs = new TreeMap<>();
    /** Entries of the root page table, of the second level, and of the other root, by index. */
    final Map<Integer, IntUnaryOperator> root = new TreeMap<>();
    final Map<Integer, IntUnaryOperator> leaves = new TreeMap<>();
    final Map<Integer, IntUnaryOperator> otherRoot = new TreeMap<>();
    /** Initial words, by offset in the slot. */
    final Map<Integer, Integer> data = new TreeMap<>();
    final List<Step> steps = new ArrayList<>();
    int mstatus;
    boolean paged;
    /** True if the program locks PMP entries. Only a reset unlocks them. */
    boolean locks;
    boolean machineVectored;
    boolean supervisorVectored;

    /** The slot that the program needs, or -1 for any slot. */
    int home = -1;

    Program(long seed, int number) {
        this.seed = seed;
        this.number = number;
        Arrays.fill(x, (IntUnaryOperator) slot -> 0);
    }

    Program copy() {
        Program copy = new Program(seed, number);
        System.arraycopy(x, 0, copy.x, 0, x.length);
        copy.csrs.putAll(csrs);
        copy.root.putAll(root);
        copy.leaves.putAll(leaves);
        copy.otherRoot.putAll(otherRoot);
        copy.data.putAll(data);
        copy.steps.addAll(steps);
        copy.mstatus = mstatus;
        copy.paged = paged;
        copy.home = home;
        copy.locks = locks;
        copy.machineVectored = machineVectored;
        copy.supervisorVectored = supervisorVectored;
        return copy;
    }

    /** Returns the root indexes besides those of the two views of RAM. */
    List<Integer> oddRoots() {
        return root.keySet().stream().filter(index -> !PageTables.isIdentity(index)).toList();
    }

    /** Returns the CSRs with removable initial values. */
    List<Integer> removableCsrs() {
        return csrs.keySet().stream().filter(csr -> csr != Csrs.SATP && csr < Csrs.PMPADDR0 && csr != Csrs.PMPCFG0 + 3)
                .toList();
    }

    int startMode() {
        return mstatus >>> Csrs.MPP_SHIFT & 3;
    }

    /** Returns the address of the first step in the program's first mode. */
    int startAddress(int slot) {
        int code = slot + SlotLayout.CODE;
        return paged && startMode() == 0 ? code - SlotLayout.RAM_BASE + SlotLayout.USER_ALIAS : code;
    }
}
