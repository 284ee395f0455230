// Prints its arguments, its environment, and the beginning of a file.
#include <stdio.h>
#include <stdlib.h>

extern char **environ;

int main(int argc, char *argv[])
{
    printf("hello from %s, %d bits\n", argv[0], (int)(8 * sizeof(void *)));
    for (int i = 1; i < argc; i++) printf("argument %d: %s\n", i, argv[i]);
    for (char **each = environ; *each; each++) printf("environment: %s\n", *each);
    FILE *file = fopen("/etc/motd", "r");
    char line[80];
    if (file && fgets(line, sizeof line, file)) printf("motd: %s", line);
    char *memory = malloc(100000);
    return memory ? 0 : 1;
}
