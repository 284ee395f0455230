package ferrite.testkit;

/** To be imported statically, beside AssertJ's. */
public final class MachineAssertions {

    private MachineAssertions() { }

    public static MachineAssert assertThat(MachineRun machine) {
        return new MachineAssert(machine);
    }
}
