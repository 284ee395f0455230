package ferrite.hardware.hart;

/** The kind of an access: the permission it needs, and the traps it raises without it. */
public enum Access {

    FETCH(Pte.X, Trap.INSTRUCTION_PAGE_FAULT, Trap.INSTRUCTION_ACCESS_FAULT),
    LOAD(Pte.R, Trap.LOAD_PAGE_FAULT, Trap.LOAD_ACCESS_FAULT),
    STORE(Pte.W, Trap.STORE_PAGE_FAULT, Trap.STORE_ACCESS_FAULT);

    final int permission;
    final int pageFault;
    final int accessFault;

    Access(int permission, int pageFault, int accessFault) {
        this.permission = permission;
        this.pageFault = pageFault;
        this.accessFault = accessFault;
    }
}
