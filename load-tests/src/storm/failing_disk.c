/* A disk on which only synced writes survive. A storm preloads it into the server, or into its Redis.
 *
 * Files in FAILING_DISK_DIR are written as ever. FAILING_DISK_SHADOW holds what a power cut would leave of them: for each
 * inode its synced bytes, and in `names` which inode had which name when the directory was last synced. What was there
 * when the first server started counts as synced. Files beside the shadow switch faults on:
 *
 *   failsync   a sync answers EIO, and what it did not write counts as clean from then on, as kernels have it
 *   full       a write answers ENOSPC
 *   failwrite  of a hundred writes two answer EIO and two are cut short
 *   readonly   a write answers EROFS
 *   liesync    a sync answers that it is done, and does nothing
 *
 * Only what this server calls is covered: write, pwrite, ftruncate, fsync, fdatasync; rename and unlink show when the
 * directory is synced. No file of the directory is ever closed here: that would drop the locks that SQLite has on it.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct range { off_t from, to; };

struct file {
    ino_t inode;
    off_t least; /* the shortest it has been since its last sync, or -1 */
    struct range *dirty;
    size_t count, room;
    struct file *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct file *files;
static const char *directory, *shadow;
static unsigned dice;

/* At once: a handler of the program's own might write, and wait for our lock. */
static void give_up(const char *what)
{
    perror(what);
    kill(getpid(), SIGKILL);
}

static int is_on(const char *fault)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/../%s", shadow, fault);
    return access(path, F_OK) == 0;
}

static void shadow_of(char *path, size_t size, ino_t inode)
{
    snprintf(path, size, "%s/%lu", shadow, (unsigned long)inode);
}

/* Begins to follow a file. Its inode is held, so that no later file gets the same one. */
static struct file *follow(const char *path, ino_t inode)
{
    struct file *file = calloc(1, sizeof *file);
    if (!file || open(path, O_PATH | O_CLOEXEC) < 0)
        give_up("failing disk: a file cannot be followed");
    *file = (struct file){.inode = inode, .least = -1, .next = files};
    return files = file;
}

/* The file behind a descriptor, or NULL if it is none of ours. */
static struct file *ours(int fd)
{
    char link[64], path[4096];
    struct stat found;
    if (!directory || fstat(fd, &found) || !S_ISREG(found.st_mode))
        return NULL;
    for (struct file *file = files; file; file = file->next)
        if (file->inode == found.st_ino)
            return file;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return NULL;
    path[length] = 0;
    size_t prefix = strlen(directory);
    if (strncmp(path, directory, prefix) || path[prefix] != '/')
        return NULL;
    shadow_of(path, sizeof path, found.st_ino); /* a new file: what had its inode before is gone */
    unlink(path);
    return follow(link, found.st_ino);
}

static int is_directory(int fd)
{
    struct stat found, ours;
    return directory && !fstat(fd, &found) && S_ISDIR(found.st_mode) && !stat(directory, &ours)
        && found.st_ino == ours.st_ino;
}

static void dirty(struct file *file, off_t from, off_t to)
{
    struct range *last = file->count ? &file->dirty[file->count - 1] : NULL;
    if (last && from >= last->from && from <= last->to) {
        last->to = to > last->to ? to : last->to;
        return;
    }
    if (file->count == file->room) {
        file->room = file->room ? file->room * 2 : 16;
        file->dirty = realloc(file->dirty, file->room * sizeof *file->dirty);
        if (!file->dirty)
            give_up("failing disk");
    }
    file->dirty[file->count++] = (struct range){from, to};
}

static void clean(struct file *file)
{
    file->count = 0;
    file->least = -1;
}

static void copy(int from, int to, off_t at, off_t end)
{
    static char bytes[1 << 16]; /* under the lock */
    while (at < end) {
        size_t want = end - at < (off_t)sizeof bytes ? (size_t)(end - at) : sizeof bytes;
        ssize_t got = syscall(SYS_pread64, from, bytes, want, at);
        if (got == 0)
            return; /* cut off since it was written */
        if (got < 0 || syscall(SYS_pwrite64, to, bytes, got, at) != got)
            give_up("failing disk: a range cannot be copied");
        at += got;
    }
}

/* A descriptor to read from. One that can only write is a Redis', on whose files nobody has locks to lose. */
static int to_read(int fd)
{
    char link[64];
    if ((fcntl(fd, F_GETFL) & O_ACCMODE) != O_WRONLY)
        return fd;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int from = open(link, O_RDONLY | O_CLOEXEC);
    if (from < 0)
        give_up(link);
    return from;
}

/* What a sync brings to the disk. */
static void keep(struct file *file, int fd)
{
    char path[4096];
    struct stat found, kept;
    shadow_of(path, sizeof path, file->inode);
    int to = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (to < 0 || fstat(fd, &found) || fstat(to, &kept))
        give_up(path);
    if (file->least >= 0 && file->least < kept.st_size && syscall(SYS_ftruncate, to, file->least))
        give_up(path);
    if (syscall(SYS_ftruncate, to, found.st_size))
        give_up(path);
    int from = to_read(fd);
    for (size_t i = 0; i < file->count; i++)
        copy(from, to, file->dirty[i].from, file->dirty[i].to);
    if (from != fd)
        close(from);
    close(to);
    clean(file);
}

/* What a sync of the directory brings to the disk. */
static void keep_names(void)
{
    char path[4096], fresh[4096];
    snprintf(path, sizeof path, "%s/names", shadow);
    snprintf(fresh, sizeof fresh, "%s/names.new", shadow);
    DIR *listing = opendir(directory);
    FILE *names = fopen(fresh, "we");
    if (!listing || !names)
        give_up("failing disk: names");
    for (struct dirent *entry; (entry = readdir(listing));)
        if (entry->d_type == DT_REG)
            fprintf(names, "%lu %s\n", (unsigned long)entry->d_ino, entry->d_name);
    closedir(listing);
    if (fclose(names) || rename(fresh, path))
        give_up("failing disk: names");
}

/* A program may write its title over its environment, as Redis does. */
static const char *kept_variable(const char *name)
{
    const char *value = getenv(name);
    return value ? strdup(value) : NULL;
}

/* What is there at a first start is synced. At a later one the shadow stays as it is: what the server before had not
 * synced when it was killed is never written by itself. */
__attribute__((constructor)) static void begin(void)
{
    char path[4096], kept[4096];
    directory = kept_variable("FAILING_DISK_DIR");
    shadow = kept_variable("FAILING_DISK_SHADOW");
    if (!directory || !shadow) {
        directory = NULL;
        return;
    }
    dice = (unsigned)getpid();
    snprintf(path, sizeof path, "%s/names", shadow);
    int is_first = access(path, F_OK) != 0;
    DIR *listing = opendir(directory);
    if (!listing)
        give_up(directory);
    for (struct dirent *entry; (entry = readdir(listing));) {
        if (entry->d_type != DT_REG)
            continue;
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        follow(path, entry->d_ino);
        if (!is_first)
            continue;
        shadow_of(kept, sizeof kept, entry->d_ino);
        int from = open(path, O_RDONLY | O_CLOEXEC), to = open(kept, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        struct stat found;
        if (from < 0 || to < 0 || fstat(from, &found))
            give_up(kept);
        copy(from, to, 0, found.st_size);
        close(from); /* nothing holds a lock yet */
        close(to);
    }
    closedir(listing);
    if (is_first)
        keep_names();
}

static ssize_t put(int fd, const void *bytes, size_t count, const off_t *at)
{
    pthread_mutex_lock(&lock);
    struct file *file = ours(fd);
    if (!file) {
        pthread_mutex_unlock(&lock); /* a socket may take its time */
        return at ? syscall(SYS_pwrite64, fd, bytes, count, *at) : syscall(SYS_write, fd, bytes, count);
    }
    int refused = is_on("full") ? ENOSPC : is_on("readonly") ? EROFS : 0;
    if (!refused && is_on("failwrite")) {
        int throw = rand_r(&dice) % 100;
        refused = throw < 2 ? EIO : 0;
        count = throw >= 98 && count > 1 ? count / 2 : count;
    }
    ssize_t written = -1;
    if (!refused)
        written = at ? syscall(SYS_pwrite64, fd, bytes, count, *at) : syscall(SYS_write, fd, bytes, count);
    int error = refused ? refused : errno;
    if (written > 0) {
        off_t from = at ? *at : lseek(fd, 0, SEEK_CUR) - written;
        dirty(file, from, from + written);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return written;
}

ssize_t write(int fd, const void *bytes, size_t count) { return put(fd, bytes, count, NULL); }
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { return put(fd, bytes, count, &at); }
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at)
{
    off_t place = at;
    return put(fd, bytes, count, &place);
}

static int cut(int fd, off_t length)
{
    pthread_mutex_lock(&lock);
    struct file *file = ours(fd);
    int refused = file && is_on("readonly");
    int done = refused ? -1 : (int)syscall(SYS_ftruncate, fd, length);
    int error = refused ? EROFS : errno;
    if (file && done == 0 && (file->least < 0 || length < file->least))
        file->least = length;
    pthread_mutex_unlock(&lock);
    errno = error;
    return done;
}

int ftruncate(int fd, off_t length) { return cut(fd, length); }
int ftruncate64(int fd, off64_t length) { return cut(fd, length); }

static int sync_one(int fd, long call)
{
    pthread_mutex_lock(&lock);
    struct file *file = ours(fd);
    int names = !file && is_directory(fd);
    int done = 0, error = 0;
    if (!file && !names) {
        done = (int)syscall(call, fd);
        error = errno;
    } else if (is_on("failsync")) {
        if (file)
            clean(file); /* a directory is a journal's to write: its next sync brings all of it */
        done = -1;
        error = EIO;
    } else if (is_on("liesync")) {
        done = 0;
    } else if (file) {
        keep(file, fd); /* the machine's own disk is not needed for this */
    } else {
        keep_names();
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return done;
}

int fsync(int fd) { return sync_one(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_one(fd, SYS_fdatasync); }
