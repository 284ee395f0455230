package ferrite.scenarios.qemu;

import ferrite.hardware.hart.Csrs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;

/**
 * One random program: what memory, registers and CSRs hold when it begins, and its steps. What depends on where it lies is a function of
 * the slot's address, so that it can be packed anywhere.
 */
final class Program {

    /** How a person finds it again: {@code --seed} and {@code --only}. */
    final long seed;
    final int number;

    final IntUnaryOperator[] x = new IntUnaryOperator[32];
    final Map<Integer, IntUnaryOperator> csrs = new TreeMap<>();
    /** By index: entries of the root page table, of the second level, and of the other root. */
    final Map<Integer, IntUnaryOperator> root = new TreeMap<>();
    final Map<Integer, IntUnaryOperator> leaves = new TreeMap<>();
    final Map<Integer, IntUnaryOperator> otherRoot = new TreeMap<>();
    /** By offset in the slot. */
    final Map<Integer, Integer> data = new TreeMap<>();
    final List<Step> steps = new ArrayList<>();
    int mstatus;
    boolean paged;
    /** It locks PMP entries, which nothing but a reset unlocks. */
    boolean locks;
    boolean machineVectored;
    boolean supervisorVectored;

    /** The slot that it must be in, or -1 if any will do. */
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

    /** Root indexes beside those of the two views of RAM that code runs in. */
    List<Integer> oddRoots() {
        return root.keySet().stream().filter(index -> !PageTables.isIdentity(index)).toList();
    }

    /** The CSRs whose initial values can be left out. */
    List<Integer> removableCsrs() {
        return csrs.keySet().stream().filter(csr -> csr != Csrs.SATP && csr < Csrs.PMPADDR0 && csr != Csrs.PMPCFG0 + 3).toList();
    }

    int startMode() {
        return mstatus >>> Csrs.MPP_SHIFT & 3;
    }

    /** Where step {@code n} is for software in the mode that the program begins in. */
    int startAddress(int slot) {
        int code = slot + SlotLayout.CODE;
        return paged && startMode() == 0 ? code - SlotLayout.RAM_BASE + SlotLayout.USER_ALIAS : code;
    }
}
